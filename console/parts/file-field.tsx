import { useContext, useState } from 'preact/hooks'
import { OnTouched } from './dialog.tsx'
import type { Common } from './fields.tsx'
import { Field } from './fields.tsx'

/** A file, dropped or chosen. */
export const FileField = ({
  accept,
  onFile,
  ...common
}: Common & {
  /** As HTML has it: endings and media types. */
  readonly accept: string
  readonly onFile: (file: File) => void
}) => {
  const [isOver, setIsOver] = useState(false)
  const onTouched = useContext(OnTouched)
  const take = (file: File | undefined) => {
    if (file === undefined) return
    // A drop is no input event, which the form would hear.
    onTouched?.(true)
    onFile(file)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut; the input within does the same by keyboard.
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setIsOver(false)
        take(event.dataTransfer?.files[0])
      }}
    >
      <Field {...common}>
        {(control) => (
          <input
            {...control}
            type="file"
            accept={accept}
            onChange={(event) => take(event.currentTarget.files?.[0])}
          />
        )}
      </Field>
    </div>
  )
}
