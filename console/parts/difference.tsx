import { texts } from '../texts/en.ts'

/** What saving adds to a list and removes from it, also after somebody else changed what is saved. */
export const Difference = ({
  before,
  after,
}: {
  readonly before: readonly string[]
  readonly after: readonly string[]
}) => {
  const added = after.filter((each) => !before.includes(each))
  const removed = before.filter((each) => !after.includes(each))
  return (
    <>
      {added.length === 0 ? null : <p>{texts.parts.adds(added.join(', '))}</p>}
      {removed.length === 0 ? null : <p>{texts.parts.removes(removed.join(', '))}</p>}
    </>
  )
}
