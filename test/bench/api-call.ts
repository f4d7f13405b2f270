import { httpEvent } from '../http/http-event.ts'

export type ApiCall = {
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  /** If it differs from the route's. */
  readonly path?: string
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** Null or absent: of nobody. */
  readonly token?: string | null
}

/** The event of a call of Postern's own API. @param route method and path template */
export const apiCall = (route: string, { json, form, path, params, query, token = null }: ApiCall) => {
  const [method = '', template = ''] = route.split(' ')
  const body = form === undefined ? JSON.stringify(json) : new URLSearchParams(form).toString()
  return httpEvent(method, template, {
    ...(path === undefined ? {} : { path }),
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query: new URLSearchParams(query).toString() }),
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(body === undefined ? {} : { body }),
  })
}
