import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import * as z from 'zod'

const w3c = 'https://www.w3.org/TR/webauthn-3/'

const base64url = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url without padding')

/** Credential ids have at most 1023 bytes (W3C Web Authentication Level 3, section 4). */
const credentialId = base64url(1364)

/** The objects of W3C grow with the browsers, so fields that Postern does not read may be in them. */
const credential = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['cross-platform', 'platform']).nullish(),
  clientExtensionResults: z.looseObject({}).default({}),
}

/** What `PublicKeyCredential.toJSON()` gives after `navigator.credentials.create`. */
export const RegistrationResponse = z
  .looseObject({
    ...credential,
    response: z.looseObject({
      clientDataJSON: base64url(8192),
      attestationObject: base64url(32_768),
      transports: z.array(z.string().max(32)).max(10).optional(),
    }),
  })
  .meta({
    id: 'RegistrationResponse',
    description: `The new passkey, as the browser's \`toJSON()\` writes it (${w3c}#dictdef-registrationresponsejson).`,
  }) as z.ZodType<unknown> as z.ZodType<RegistrationResponseJSON>

/** The same after `navigator.credentials.get`. */
export const AuthenticationResponse = z
  .looseObject({
    ...credential,
    response: z.looseObject({
      clientDataJSON: base64url(8192),
      authenticatorData: base64url(8192),
      signature: base64url(8192),
      userHandle: base64url(128).nullish(),
    }),
  })
  .meta({
    id: 'AuthenticationResponse',
    description: `The passkey's signature, as the browser's \`toJSON()\` writes it (${w3c}#dictdef-authenticationresponsejson).`,
  }) as z.ZodType<unknown> as z.ZodType<AuthenticationResponseJSON>

export const CreationOptions = z.looseObject({ challenge: z.string() }).meta({
  id: 'PasskeyCreationOptions',
  description: `For \`PublicKeyCredential.parseCreationOptionsFromJSON\` (${w3c}#dictdef-publickeycredentialcreationoptionsjson).`,
}) as z.ZodType<unknown> as z.ZodType<
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialCreationOptionsJSON
>

export const RequestOptions = z.looseObject({ challenge: z.string() }).meta({
  id: 'PasskeyRequestOptions',
  description: `For \`PublicKeyCredential.parseRequestOptionsFromJSON\` (${w3c}#dictdef-publickeycredentialrequestoptionsjson).`,
}) as z.ZodType<unknown> as z.ZodType<
  PublicKeyCredentialRequestOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON
>
