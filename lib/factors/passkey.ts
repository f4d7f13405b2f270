import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { StoredUser } from '../identity/stored-user.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import type { StoredPasskey } from './stored-factors.ts'

// Loaded when it is needed: it takes a tenth of a second of a start, and most callers have no passkey.
const webAuthn = () => import('@simplewebauthn/server')

/** W3C Web Authentication Level 3, section 13.4.3 asks for 16 bytes at least. */
const challengeBytes = 32
/** ES256, EdDSA, RS256: what authenticators have. */
const algorithms = [-7, -8, -257]
/** The password was given before, so a touch is enough. */
const userVerification = 'preferred'

/** Passkeys are bound to the host of the issuer, and are used on its pages only. */
const hostOf = (issuer: string): string => new URL(issuer).hostname

export const newChallenge = (randomBytes: RandomBytes): string =>
  Buffer.from(randomBytes(challengeBytes)).toString('base64url')

const described = ({ credentialId, transports }: StoredPasskey) => ({ id: credentialId, transports })

/** The argument of the browser's `navigator.credentials.create`. */
export const creationOptions = async (
  issuer: string,
  organizationName: string,
  user: Pick<StoredUser, 'userId' | 'username'>,
  known: readonly StoredPasskey[],
  challenge: string,
): Promise<PublicKeyCredentialCreationOptionsJSON> => {
  const { generateRegistrationOptions } = await webAuthn()
  return await generateRegistrationOptions({
    rpName: organizationName,
    rpID: hostOf(issuer),
    userID: Uint8Array.from(Buffer.from(user.userId)),
    userName: user.username,
    challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
    attestationType: 'none',
    excludeCredentials: known.map(described),
    // Who signs in says who it is, so nothing needs to be kept on a security key.
    authenticatorSelection: { residentKey: 'discouraged', userVerification },
    supportedAlgorithmIDs: algorithms,
  })
}

/** The argument of the browser's `navigator.credentials.get`. */
export const requestOptions = async (
  issuer: string,
  known: readonly StoredPasskey[],
  challenge: string,
): Promise<PublicKeyCredentialRequestOptionsJSON> => {
  const { generateAuthenticationOptions } = await webAuthn()
  return await generateAuthenticationOptions({
    rpID: hostOf(issuer),
    challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
    allowCredentials: known.map(described),
    userVerification,
  })
}

/** What is stored of a new passkey; null if the response does not answer the challenge on a page of the issuer. */
export const verifiedCreation = async (
  issuer: string,
  challenge: string,
  response: RegistrationResponseJSON,
): Promise<Pick<StoredPasskey, 'credentialId' | 'publicKey' | 'counter' | 'transports'> | null> => {
  const { verifyRegistrationResponse } = await webAuthn()
  const verified = await refusedIfThrown(
    verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: issuer,
      expectedRPID: hostOf(issuer),
      requireUserVerification: false,
      supportedAlgorithmIDs: algorithms,
    }),
  )
  if (verified?.verified !== true) return null
  const { id, publicKey, counter, transports = [] } = verified.registrationInfo.credential
  return {
    credentialId: id,
    publicKey: Buffer.from(publicKey).toString('base64url'),
    counter,
    transports,
  }
}

/** The new counter; null if the passkey did not sign the challenge on a page of the issuer, or if its counter did not go forward. */
export const verifiedUse = async (
  issuer: string,
  challenge: string,
  passkey: StoredPasskey,
  response: AuthenticationResponseJSON,
): Promise<number | null> => {
  const { verifyAuthenticationResponse } = await webAuthn()
  const verified = await refusedIfThrown(
    verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: issuer,
      expectedRPID: hostOf(issuer),
      requireUserVerification: false,
      credential: {
        id: passkey.credentialId,
        publicKey: Uint8Array.from(Buffer.from(passkey.publicKey, 'base64url')),
        counter: passkey.counter,
      },
    }),
  )
  return verified?.verified === true ? verified.authenticationInfo.newCounter : null
}

/** The library throws for whatever is wrong with a response, and reads nothing but its arguments. */
const refusedIfThrown = async <T>(verification: Promise<T>): Promise<T | null> => {
  try {
    return await verification
  } catch {
    return null
  }
}
