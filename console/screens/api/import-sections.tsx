import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Answer } from '../../client/operations.ts'
import { useForesight } from '../../client/use-foresight.ts'
import { useIdempotencyKey } from '../../client/use-idempotency-key.ts'
import { Button } from '../../parts/button.tsx'
import { TextArea, TextField } from '../../parts/fields.tsx'
import { FileField } from '../../parts/file-field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Notice } from '../../parts/notice.tsx'
import { failureText, Loading } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import type { ApiProps } from './shown-api.ts'

const own = texts.api.import

type Report = Answer<'importSections'>
type Document = { readonly name: string | null; readonly text: string }

/** Takes an OpenAPI document by drop, choice or paste, and shows by a dry run what its import would change. */
export const ImportSections = ({ api, onChanged, onClose }: ApiProps & { readonly onClose: () => void }) => {
  const [document, setDocument] = useState<Document>({ name: null, text: '' })
  const [basePath, setBasePath] = useState('')
  const keyFor = useIdempotencyKey()
  const body = { document: document.text, ...(basePath === '' ? {} : { basePath }) }
  const params = { api: api.apiId }
  const foreseen = useForesight('importSections', document.text.trim() === '' ? null : { params, body })
  const report = foreseen.answer
  const take = async (file: File) => setDocument({ name: file.name, text: await file.text() })
  return (
    <FormDialog
      title={own.title(api.name)}
      onClose={onClose}
      size="large"
      submit={own.submit}
      isDisabled={report === null}
      onSubmit={async () => {
        const done = await call('importSections', { params, body }, { idempotencyKey: keyFor(body) })
        toast(own.done(done.sections.length))
        onChanged()
      }}
    >
      {document.name === null ? (
        <>
          <FileField
            label={own.drop}
            name="document"
            accept=".json,.yaml,.yml,application/json,application/yaml"
            onFile={take}
            isRequired
          />
          <TextArea
            label={own.paste}
            name="document"
            value={document.text}
            onInput={(text) => setDocument({ name: null, text })}
            rows={6}
            isCode
          />
        </>
      ) : (
        <div class="actions">
          <p>{own.chosen(document.name, document.text.length)}</p>
          <Button onClick={() => setDocument({ name: null, text: '' })}>{own.another}</Button>
        </div>
      )}
      <TextField
        label={own.basePath}
        name="basePath"
        hint={own.basePathHint}
        value={basePath}
        onInput={setBasePath}
        isCode
      />
      {foreseen.isLooking && report === null ? <Loading /> : null}
      {foreseen.failure === null ? null : (
        <Notice look="danger" isAlert>
          <p>
            {foreseen.failure.problem?.errors?.map(({ message }) => message).join('; ') ??
              failureText(foreseen.failure)}
          </p>
        </Notice>
      )}
      {report === null ? null : <Changes report={report} />}
    </FormDialog>
  )
}

const Changes = ({ report: { added, changed, removed, skipped } }: { readonly report: Report }) => {
  const isSame = added.length + changed.length + removed.length === 0
  return (
    <div class="foreseen" role="status">
      <p>
        <strong>{isSame ? own.same : own.would}</strong>
      </p>
      <Part title={own.added(added.length)} isShown={added.length > 0}>
        {added.map(({ name, endpoints }) => (
          <li key={name}>
            <code>{name}</code> {texts.api.sections.countOfEndpoints(endpoints.length)}
          </li>
        ))}
      </Part>
      <Part title={own.changed(changed.length)} isShown={changed.length > 0}>
        {changed.map(({ name, endpointsAdded, endpointsRemoved }) => (
          <li key={name}>
            <code>{name}</code>
            <ul class="bare-list">
              {endpointsAdded.map(({ endpoint }) => (
                <li key={endpoint}>
                  {own.plus} <code>{endpoint}</code>
                </li>
              ))}
              {endpointsRemoved.map(({ endpoint }) => (
                <li key={endpoint}>
                  {own.minus} <code>{endpoint}</code>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </Part>
      <Part title={own.removed(removed.length)} isShown={removed.length > 0}>
        {removed.map(({ name }) => (
          <li key={name}>
            <code>{name}</code>
          </li>
        ))}
      </Part>
      <Part title={own.skipped(skipped.length)} isShown={skipped.length > 0}>
        {skipped.map(({ path, message }) => (
          <li key={path}>
            <code>{path}</code> {message}
          </li>
        ))}
      </Part>
    </div>
  )
}

const Part = ({
  title,
  isShown,
  children,
}: {
  readonly title: string
  readonly isShown: boolean
  readonly children: ComponentChildren
}) =>
  isShown ? (
    <details open>
      <summary>{title}</summary>
      <ul class="bare-list">{children}</ul>
    </details>
  ) : null
