import type { ProblemBody } from '../../lib/contract/problem.ts'
import { noteServerTime } from './server-time.ts'

/**
 * Why a call has no result:
 * - `refused`: the API answered with a problem.
 * - `offline`: no answer came.
 * - `unreadable`: an answer came that is not Postern's, such as that of a proxy.
 */
export class CallFailure extends Error {
  readonly is: 'refused' | 'offline' | 'unreadable'
  readonly problem: ProblemBody | null
  /** Of a 429 or 503. */
  readonly retryAfterSeconds: number | null
  /** The permission that the operation needs, such as `postern-users: read`. */
  readonly needs: string | undefined

  constructor(
    is: 'refused' | 'offline' | 'unreadable',
    problem: ProblemBody | null = null,
    retryAfterSeconds: number | null = null,
    needs?: string,
  ) {
    super(problem?.title ?? is)
    this.is = is
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
    this.needs = needs
  }

  get status(): number {
    return this.problem?.status ?? 0
  }
}

/** Any thrown value as a failure; an error of the console itself is thrown again. */
export const asFailure = (thrown: unknown): CallFailure => {
  if (thrown instanceof CallFailure) return thrown
  throw thrown
}

const isProblem = (value: unknown): value is ProblemBody =>
  typeof value === 'object' && value !== null && 'code' in value && 'title' in value && 'status' in value

/**
 * @param needs the permission of the operation
 * @throws CallFailure unless the response is a success
 */
export const successOf = async (response: Response, needs?: string): Promise<unknown> => {
  const text = await textOf(response)
  const value = parsed(text)
  if (response.ok && (text === '' || value !== undefined)) return value
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  if (!response.ok && isProblem(value))
    throw new CallFailure('refused', value, Number.isNaN(seconds) ? null : seconds, needs)
  throw new CallFailure('unreadable')
}

/**
 * The body of a response.
 *
 * @throws CallFailure if the network was lost while it came; what the request was aborted with
 */
export const textOf = async (response: Response): Promise<string> => {
  try {
    return await response.text()
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new CallFailure('offline')
  }
}

/** `fetch`, which throws a CallFailure when no answer came. An aborted request throws what it was aborted with. */
export const reach = async (path: string, init: RequestInit): Promise<Response> => {
  try {
    const response = await fetch(path, init)
    noteServerTime(response.headers.get('date'))
    return response
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    throw new CallFailure('offline')
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
