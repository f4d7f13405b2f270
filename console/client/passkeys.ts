import type { Answer } from './operations.ts'

type Creation = NonNullable<Answer<'beginSecondFactor'>['passkey']>
type Request = Answer<'challengeOwnPasskey'>['passkey']

/** False in browsers from before 2025, and on pages without https. */
export const knowsPasskeys = (): boolean =>
  'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential

/** What the browser answers, as the API takes it; null if the user, or the browser, did not go on. */
const answered = async (asking: Promise<Credential | null>): Promise<unknown> => {
  try {
    const credential = await asking
    return credential instanceof PublicKeyCredential ? credential.toJSON() : null
  } catch (error) {
    // The browser does not tell why, so that no page learns which passkeys there are.
    if (error instanceof DOMException) return null
    throw error
  }
}

/** Has the browser make a passkey. */
export const makePasskey = (options: Creation): Promise<unknown> => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  )
  return answered(navigator.credentials.create({ publicKey }))
}

/** Has the browser sign with one of the user's passkeys. */
export const signWithPasskey = (options: Request): Promise<unknown> => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  )
  return answered(navigator.credentials.get({ publicKey }))
}
