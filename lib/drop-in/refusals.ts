import type { ErrorStyle, ThousandEyesError, TykError } from '../contract/error-styles.ts'
import type { WriteRefusal } from '../contract/problem.ts'
import { problems } from '../contract/problem.ts'
import type { DomainError } from '../effects/domain-error.ts'
import { xmlDocument } from './xml.ts'

/** Errors in the formats of Tyk Dashboard and ThousandEyes, with Postern's statuses. */
export const dropInRefusals: Readonly<Record<Exclude<ErrorStyle, 'oauth'>, WriteRefusal>> = {
  tyk: (error) => {
    const body: TykError = { Status: 'Error', Message: messageOf(error), Meta: null }
    return { mediaType: 'application/json', text: JSON.stringify(body) }
  },
  thousandeyes: (error, { requestId, query }) => {
    const body: ThousandEyesError = { errorMessage: messageOf(error), requestId }
    const written =
      query.get('format') === 'xml'
        ? { mediaType: 'application/xml', text: xmlDocument('error', body) }
        : { mediaType: 'application/json', text: JSON.stringify(body) }
    return { ...written, challenge: 'Basic realm="postern", charset="UTF-8"' }
  },
}

/** One sentence with all bad fields: both formats have one message field. */
const messageOf = ({ code, detail, errors }: DomainError): string => {
  if (errors.length === 0) return detail ?? problems[code].title
  return errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
}
