import { setTimeout as wait } from 'node:timers/promises'
import { connectionsTo } from './connections.ts'
import { signedHeaders } from './signature.ts'

type ServiceErrorClass = new (
  name: string,
  message: string,
  metadata: ServiceError['$metadata'],
) => ServiceError

type Service = {
  /** In the scope of a signature and in the name of the host: `dynamodb`. */
  readonly name: string
  /** What `X-Amz-Target` has before the operation. */
  readonly target: string
  readonly jsonVersion: '1.0' | '1.1'
  /** The environment variable that names another endpoint. */
  readonly endpointVariable: string
  /** The classes of errors that have one of their own, by name. */
  readonly errors?: Readonly<Record<string, ServiceErrorClass>>
}

/** Those of the SDK's options that Postern sets. */
export type ClientOptions = {
  readonly maxAttempts?: number
  /** `requestTimeout`: milliseconds of one attempt, from its start to the last byte of the answer. */
  readonly requestHandler?: { readonly requestTimeout?: number }
}

export type CallOptions = { readonly abortSignal?: AbortSignal }

/** Any answer but success. `name` is the service's own word for it. */
export class ServiceError extends Error {
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string | undefined }
  constructor(name: string, message: string, $metadata: ServiceError['$metadata']) {
    super(message)
    this.name = name
    this.$metadata = $metadata
  }
}

/**
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 * `TransactionInProgressException`: an earlier attempt of the same transaction, whose answer was late, is still under way.
 */
const passing = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionInProgressException',
])

/** Faults of the connection, of the service, and throttling; never a request that the service refuses. */
const isTransient = (error: unknown): boolean =>
  !(error instanceof ServiceError) ||
  error.$metadata.httpStatusCode >= 500 ||
  error.$metadata.httpStatusCode === 429 ||
  passing.has(error.name)

/** By the beginning of a region's name. */
const domains: Readonly<Record<string, string>> = { cn: 'amazonaws.com.cn', eusc: 'amazonaws.eu' }

/** Doubled at each attempt, with full jitter. */
const firstPauseMilliseconds = 50

const fromLambda = (name: string): string => process.env[name] ?? ''

const jsonIn = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return Object(JSON.parse(text))
  } catch {
    // A proxy or load balancer answered.
    return {}
  }
}

/**
 * Calls one AWS service that speaks JSON, with the function's own credentials, which Lambda puts into the environment.
 *
 * @throws ServiceError, or the error of the connection, of the last attempt
 */
export const jsonService = (service: Service, { maxAttempts = 3, requestHandler = {} }: ClientOptions) => {
  const { requestTimeout = 5000 } = requestHandler
  const region = fromLambda('AWS_REGION')
  const domain = domains[region.replace(/-.*/, '')] ?? 'amazonaws.com'
  const endpoint = new URL(
    fromLambda(service.endpointVariable) || `https://${service.name}.${region}.${domain}`,
  )
  const connections = connectionsTo(endpoint, requestTimeout)
  const credentials = {
    accessKeyId: fromLambda('AWS_ACCESS_KEY_ID'),
    secretAccessKey: fromLambda('AWS_SECRET_ACCESS_KEY'),
    sessionToken: fromLambda('AWS_SESSION_TOKEN'),
  }

  const attempt = async (operation: string, body: string, signal: AbortSignal | undefined) => {
    const headers = signedHeaders(
      {
        host: endpoint.host,
        region,
        service: service.name,
        headers: {
          'content-type': `application/x-amz-json-${service.jsonVersion}`,
          'x-amz-target': `${service.target}.${operation}`,
        },
        body,
      },
      credentials,
      Date.now(),
    )
    const answer = await connections.post({ headers, body, signal })
    const { status, text } = answer
    // Anything else than JSON is no answer of the service: a write that is not known to be made must not count as made.
    if (status === 200) return Object(JSON.parse(text))
    const said = jsonIn(text)
    const name = String(said['__type'] ?? `Http${status}`).replace(/^.*#/, '')
    const message = String(said['message'] ?? said['Message'] ?? '')
    const ErrorClass = service.errors?.[name] ?? ServiceError
    const { __type: _, message: _1, Message: _2, ...fields } = said
    const requestId = answer.headers.get('x-amzn-requestid')
    throw Object.assign(new ErrorClass(name, message, { httpStatusCode: status, requestId }), fields)
  }

  return async (operation: string, input: unknown, { abortSignal }: CallOptions = {}) => {
    const body = JSON.stringify(input)
    for (let tried = 1; ; tried += 1) {
      try {
        return await attempt(operation, body, abortSignal)
      } catch (error) {
        if (!(error instanceof ServiceError)) connections.closeIdle()
        if (tried >= maxAttempts || abortSignal?.aborted === true || !isTransient(error)) throw error
        await wait(Math.random() * firstPauseMilliseconds * 2 ** tried)
      }
    }
  }
}
