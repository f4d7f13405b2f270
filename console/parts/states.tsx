import type { ComponentChildren } from 'preact'
import type { CallFailure } from '../client/failure.ts'
import type { Loaded } from '../client/use-call.ts'
import { texts } from '../texts/en.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'

/** A failure in a sentence for people. */
export const failureText = ({ is, problem, retryAfterSeconds }: CallFailure): string => {
  if (is === 'offline') return texts.states.offline
  if (is === 'unreadable' || problem === null) return texts.states.unreadable
  if (problem.status === 429)
    return `${problem.detail ?? texts.states.tooMany} ${texts.states.again(retryAfterSeconds ?? 1)}`
  if (problem.status >= 500) return texts.states.ourFault(problem.requestId)
  if (problem.status === 404 && problem.detail === undefined) return texts.states.notFound
  return problem.detail === undefined ? `${problem.title}.` : `${problem.title}: ${problem.detail}`
}

const reasons: Readonly<Record<string, { readonly title: string } | undefined>> = texts.denials.reasons

/** The title of a denial's reason; undefined for what is no reason that the console knows. */
export const titleOfReason = (reason: string): string | undefined => reasons[reason]?.title

/** Shows what the answer of a call gives, or why there is nothing. Earlier data stays visible while newer data loads. */
export const Show = <T,>({
  loaded,
  children,
  loading,
}: {
  readonly loaded: Loaded<T>
  readonly children: (data: NonNullable<T>) => ComponentChildren
  readonly loading?: ComponentChildren
}) => {
  const { data, failure, isLoading, reload } = loaded
  if (data === undefined || data === null) {
    if (failure !== null) return <Failed failure={failure} retry={reload} />
    return <>{loading ?? <Loading />}</>
  }
  return (
    <div class="shown" aria-busy={isLoading}>
      {failure === null ? null : <StillOld failure={failure} retry={reload} />}
      {children(data)}
    </div>
  )
}

export const Loading = () => (
  <div class="loading" role="status">
    <span class="hidden">{texts.states.loading}</span>
    <div class="bar" />
    <div class="bar" />
    <div class="bar" />
  </div>
)

type FailedProps = { readonly failure: CallFailure; readonly retry?: () => void }

/** In place of what could not be loaded. */
export const Failed = ({ failure, retry }: FailedProps) => {
  if (failure.status === 403) return <NoRight failure={failure} needs={failure.needs} />
  const title =
    failure.is === 'offline'
      ? texts.states.offlineTitle
      : failure.status === 404
        ? texts.states.notFoundTitle
        : texts.states.failedTitle
  return (
    <State title={title} isAlert action={retry && <Button onClick={retry}>{texts.states.retry}</Button>}>
      <p>{failureText(failure)}</p>
    </State>
  )
}

const StillOld = ({ failure, retry }: FailedProps) => (
  <Notice look="warning" isAlert>
    <p>{texts.states.stillOld(failureText(failure))}</p>
    {retry && <Button onClick={retry}>{texts.states.retry}</Button>}
  </Notice>
)

/** The caller may not see this. `needs` names the permission, such as `postern-users: read`. */
export const NoRight = ({
  needs,
  failure,
}: {
  readonly needs?: string | undefined
  readonly failure?: CallFailure
}) => (
  <State title={texts.states.noRightTitle}>
    <p>{needs === undefined ? texts.states.noRight : texts.states.needs(needs)}</p>
    {failure?.problem === undefined || failure.problem === null ? null : (
      <>
        <p>{texts.states.orAddress}</p>
        <p class="muted">
          {texts.states.request} <code>{failure.problem.requestId}</code>
        </p>
      </>
    )}
  </State>
)

/** Nothing is there, and what to do about it. */
export const Empty = ({
  title,
  children,
  action,
}: {
  readonly title: string
  readonly children?: ComponentChildren
  readonly action?: ComponentChildren
}) => (
  <State title={title} action={action}>
    {children}
  </State>
)

const State = ({
  title,
  children,
  action,
  isAlert = false,
}: {
  readonly title: string
  readonly children?: ComponentChildren
  readonly action?: ComponentChildren
  readonly isAlert?: boolean
}) => (
  <div class="state" role={isAlert ? 'alert' : undefined}>
    <h2>{title}</h2>
    {children}
    {action ? <div class="actions">{action}</div> : null}
  </div>
)
