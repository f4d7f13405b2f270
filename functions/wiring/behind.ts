import { Agent, request } from 'node:http'
import type { Behind } from '../../lib/effects/behind.ts'
import { within } from '../../lib/effects/time-limit.ts'
import { optional } from './environment.ts'
import { logFault } from './log.ts'
import { wait } from './wait.ts'

/** Lambda ends an environment that is not ready again when the function's time is over. */
const reserveMilliseconds = 1000
const pauseMilliseconds = 100
/** A function must start also if its registration gets no answer. */
const registrationMilliseconds = 500

type Invocation = { readonly requestId: string; readonly deadlineMs: number }

/**
 * Runs work after the response. Lambda freezes an environment as soon as the runtime and all extensions ask for the next invocation. So the
 * process registers as an internal extension as well, and asks only when the invocation's work is done.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 *
 * Where there is no such API (laptop, tests), and if the registration fails, work that is frozen goes on with the next invocation.
 *
 * @param runtimeApi host and port; empty if there is none.
 */
export const openBehind = (runtimeApi: string) => {
  const underWay = new Set<Promise<void>>()
  let lastAnswered = ''
  let wake = (): void => undefined

  const behind: Behind = (work) => {
    const done: Promise<void> = new Promise((resolve) => setImmediate(resolve))
      .then(work)
      .catch(logFault('work_behind_failed'))
      .finally(() => underWay.delete(done))
    underWay.add(done)
  }
  /** Resolves when no work is under way. */
  const settled = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.all(underWay)
  }
  /** The handler's invocation has its answer: only then it is known what work there is. */
  const answered = (requestId: string): void => {
    lastAnswered = requestId
    wake()
  }

  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (method: string, path: string, headers: Readonly<Record<string, string>>, body = '') =>
    new Promise<{ readonly identifier: string; readonly text: string }>((resolve, reject) => {
      const options = { method, agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } }
      const asked = request(`http://${runtimeApi}/2020-01-01/extension/${path}`, options, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('error', reject)
        answer.on('data', (part: string) => {
          text += part
        })
        answer.on('end', () => {
          const identifier = answer.headers['lambda-extension-identifier']
          if (answer.statusCode === 200) resolve({ identifier: String(identifier), text })
          else reject(new Error(`the Extensions API answered ${answer.statusCode} to ${path}`))
        })
      })
      asked.on('error', reject)
      asked.end(body)
    })

  const finished = async (requestId: string): Promise<void> => {
    while (lastAnswered !== requestId)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    await settled()
  }
  const follow = async (identifier: string): Promise<void> => {
    for (;;) {
      try {
        const { text } = await ask('GET', 'event/next', { 'lambda-extension-identifier': identifier })
        const { requestId, deadlineMs }: Invocation = JSON.parse(text)
        await within(wait, Math.max(0, deadlineMs - reserveMilliseconds - Date.now()), finished(requestId))
      } catch {
        // Giving up would leave every invocation waiting for the extension.
        await wait(pauseMilliseconds)
      }
    }
  }
  const registerAndFollow = async (): Promise<void> => {
    try {
      const headers = { 'lambda-extension-name': 'behind', 'content-type': 'application/json' }
      const { identifier } = await ask('POST', 'register', headers, '{"events":["INVOKE"]}')
      void follow(identifier)
    } catch (fault) {
      logFault('work_behind_failed')(fault)
    }
  }
  /** Must be over before the runtime asks for its first invocation. */
  const register = async (): Promise<void> => {
    if (runtimeApi !== '') await within(wait, registrationMilliseconds, registerAndFollow())
  }
  return { behind, answered, settled, register }
}

export const { behind, answered, settled, register } = openBehind(optional('AWS_LAMBDA_RUNTIME_API'))
