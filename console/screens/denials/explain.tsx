import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Answer, Input } from '../../client/operations.ts'
import { useApiNames } from '../../client/use-api-names.ts'
import { useChangeNames } from '../../parts/changes.tsx'
import { RadioField, SelectField, TextField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader, Section } from '../../parts/page.tsx'
import { Loading } from '../../parts/states.tsx'
import { useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { Steps } from './steps.tsx'

const own = texts.explain

const callers = ['username', 'keyId', 'userId'] as const
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

/** Whether a request would pass, before anybody sends it. The address of the page has the request. */
export const Screen = () => {
  const { apis } = useApiNames()
  const [query, change] = useQuery()
  const asked = callers.find((name) => query[name] !== undefined) ?? 'username'
  const [by, setBy] = useState(asked)
  const [caller, setCaller] = useState(query[asked] ?? '')
  const [method, setMethod] = useState(methods.find((each) => each === query['method']) ?? 'GET')
  const [path, setPath] = useState(query['path'] ?? '/')
  const [api, setApi] = useState(query['api'] ?? '')
  const [address, setAddress] = useState(query['address'] ?? '')
  const [aid, setAid] = useState(query['aid'] ?? '')
  const [time, setTime] = useState(query['time'] ?? '')
  const [answer, setAnswer] = useState<Answer<'explainAccess'> | null>(null)

  const send = async () => {
    setAnswer(null)
    const body = {
      ...{ [by]: caller.trim(), method, path: path.trim(), address: address.trim() },
      ...(api === '' ? {} : { api }),
      ...(aid === '' ? {} : { aid: Number(aid) }),
      ...(time === '' ? {} : { time: new Date(time).toISOString() }),
    }
    const others = Object.fromEntries(callers.map((name) => [name, '']))
    change({ ...others, [by]: caller.trim(), method, path, api, address, aid, time }, { replace: true })
    // The API checks the form of ids and names.
    setAnswer(await call('explainAccess', { body } as Input<'explainAccess'>))
  }
  return (
    <>
      <PageHeader title={own.title} lead={own.lead} />
      <Section title={own.request}>
        <Form submit={own.submit} onSubmit={send}>
          <RadioField
            label={own.by}
            name="by"
            value={by}
            onChange={setBy}
            choices={callers.map((value) => ({ value, text: own.callers[value] }))}
          />
          <TextField
            label={own.callers[by]}
            name={by}
            value={caller}
            onInput={setCaller}
            isRequired
            isCode
            isFirst
          />
          <div class="fields">
            <SelectField
              label={own.method}
              name="method"
              value={method}
              onChange={setMethod}
              choices={methods.map((value) => ({ value, text: value }))}
              isRequired
            />
            <TextField label={own.path} name="path" value={path} onInput={setPath} isRequired isCode />
          </div>
          <SelectField
            label={own.api}
            name="api"
            value={api}
            onChange={setApi}
            choices={[
              { value: '', text: own.anyApi },
              { value: 'postern', text: texts.parts.postern },
              ...apis.map(({ apiId, name }) => ({ value: apiId, text: name })),
            ]}
          />
          <TextField
            label={own.address}
            name="address"
            hint={own.addressHint}
            value={address}
            onInput={setAddress}
            isRequired
            isCode
          />
          <div class="fields">
            <TextField
              label={own.aid}
              name="aid"
              type="number"
              hint={own.aidHint}
              value={aid}
              onInput={setAid}
            />
            <TextField
              label={own.time}
              name="time"
              type="datetime-local"
              hint={own.timeHint}
              value={time}
              onInput={setTime}
            />
          </div>
        </Form>
      </Section>
      <div role="status">{answer === null ? null : <Explained answer={answer} />}</div>
    </>
  )
}

const Explained = ({
  answer: { allowed, reason, steps, subject },
}: {
  readonly answer: Answer<'explainAccess'>
}) => {
  const names = useChangeNames(steps.flatMap(({ saw }) => saw.match(/key_\w+/) ?? []))
  if (names.isReading) return <Loading />
  return (
    <Section title={own.answer}>
      <div class="stack">
        <Notice look={allowed ? 'good' : 'warning'}>
          <p>
            {reason === null
              ? own.passes(subject.username)
              : own.refused(subject.username, texts.denials.reasons[reason].title)}
          </p>
          {reason === null ? null : <p>{texts.denials.reasons[reason].advice}</p>}
        </Notice>
        <Steps steps={steps} subject={subject} names={names} />
      </div>
    </Section>
  )
}
