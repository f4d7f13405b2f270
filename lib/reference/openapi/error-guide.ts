import type { DomainErrorCode } from '../../effects/domain-error.ts'

type Guidance = {
  /** What happened: one or two sentences. */
  readonly meaning: string
  /** What the reader does next. */
  readonly remedy: string
}

/** Explains each code. The reference page shows it; a test compares `docs/errors.md` with it. */
export const errorGuide: Readonly<Record<DomainErrorCode, Guidance>> = {
  invalid_request: {
    meaning:
      'A field, a path or query parameter, or a header breaks a rule, is missing, or is not known here, or there is a body where none is taken: `errors` names each one. Nothing that a request brings is passed over, except headers that change nothing here. Without `errors`, the path itself can be read in two ways (`..`, `//`, an encoded slash).',
    remedy: 'Correct the fields that `errors` names, or send the plain path.',
  },
  malformed_body: {
    meaning:
      'The body is not UTF-8, is not JSON, names a field twice, or is nested too deep. Nothing of it was read.',
    remedy: 'Serialise the body with a JSON library instead of joining strings; send UTF-8 without a BOM.',
  },
  password_rejected: {
    meaning:
      'The new password breaks a rule: too short, too long, a frequent password or a variation of one, made of your own names, or with a character that the organization forbids.',
    remedy: 'Choose another one by the rule that `errors` names. A phrase of several words passes.',
  },
  current_password_wrong: {
    meaning: 'A password change needs the current password, and this is not it.',
    remedy: 'Try again, or ask for a reset link with `POST /v1/password-resets`.',
  },
  reset_token_invalid: {
    meaning:
      'The reset link is unknown, was used, has expired, or a newer one was asked for. Which of these is not told.',
    remedy: 'Ask for a new link and use it at once.',
  },
  invitation_invalid: {
    meaning:
      'The link of the invitation is unknown or was used, or the invitation was accepted, declined, taken back or ended in the meantime. Which of these is not told.',
    remedy:
      'See `GET /v1/users/me/memberships` whether there is an invitation, and accept it there, or ask the organization for a new one.',
  },
  second_factor_wrong: {
    meaning: 'The code or the answer of the passkey is wrong, has expired or was used before.',
    remedy: 'Wait for the next code of the app, ask for a new challenge, or use a recovery code.',
  },
  second_factor_required: {
    meaning:
      'The password is right, and the session needs a second factor: the user has one and `code` is missing or wrong (`errors` says which), or the organization demands one and the user has none yet (`detail` says so).',
    remedy:
      'Send the `code` that the authenticator app shows, or a recovery code. Without a second factor, sign in to the console, which adds one, or ask an administrator.',
  },
  authentication_required: {
    meaning: 'The request carries no credential.',
    remedy: 'Send an `Authorization` header: a key pair, a token or a session token.',
  },
  invalid_credentials: {
    meaning:
      'The credential, or the username and password, does not hold: unknown, expired, revoked, ended, or of a user who is disabled. Which of these is not told.',
    remedy:
      'Log in again, or have an administrator look at the user and its credentials. The reason is in the log, under the `requestId`.',
  },
  access_denied: {
    meaning:
      "The caller is known, but the request does not pass: no permission for this endpoint, an address that is not in its whitelist, a session token that is for another API, or an API that the caller's organization does not see.",
    remedy:
      'Compare the permission that the endpoint asks for with that of the user, and its whitelist with the address that calls. The reason is in the log, under the `requestId`; docs/denials.md explains each.',
  },
  proof_required: {
    meaning: 'A change of second factors needs a proof of who you are that is at most ten minutes old.',
    remedy: 'Ask for one with `POST /v1/users/me/second-factors/proofs`, and send it as `Postern-Proof`.',
  },
  grant_not_held: {
    meaning: 'A role or a permission would be granted that the caller does not hold itself.',
    remedy: 'Have it done by somebody who holds it, or leave it out.',
  },
  guest_not_editable: {
    meaning:
      "The user is a guest here. Its identity, its whitelist and its credentials are its home's to see and to change; only its roles here can be changed.",
    remedy: 'Ask the home organization, or change only the roles that the guest has here.',
  },
  self_service_off: {
    meaning:
      'The setting `selfServiceKeys` of your organization does not let its users make keys of their own, or rotate them, or rotate one that has ended. `detail` says which.',
    remedy: 'Ask an administrator for the key, or for another setting (`PATCH /v1/organization`).',
  },
  impersonation_refused: {
    meaning:
      "The caller may not act as this user, or is acting as somebody else and asks for what is that user's alone: management, its own profile and credentials, acting as a third one.",
    remedy:
      'Act only as users at home in the same organization who manage nothing, and use your own credential for everything but calls to APIs.',
  },
  not_found: {
    meaning:
      'There is no such path, or no such thing in your organization. What belongs to another organization is not found either.',
    remedy: 'Check the path and the id.',
  },
  method_not_allowed: {
    meaning: 'The path exists, but not with this method.',
    remedy: 'Use one of the methods that the `Allow` header names.',
  },
  not_acceptable: {
    meaning: 'The `Accept` header does not name the form in which this endpoint answers.',
    remedy: 'Send `Accept: application/json`.',
  },
  username_taken: {
    meaning: 'Another user of this deployment has the username. Upper and lower case make no difference.',
    remedy:
      'Choose another username. If you repeat a request whose answer was lost, use an `Idempotency-Key`.',
  },
  name_taken: {
    meaning: 'Something of this kind already has the name in your organization.',
    remedy: 'Choose another name, or change the one that is there.',
  },
  in_use: {
    meaning: 'It cannot be deleted, because something still refers to it.',
    remedy: 'Take it away from whoever uses it, then delete it.',
  },
  version_conflict: {
    meaning:
      'It was changed after the `version` in your request was read, or by another request at the same moment.',
    remedy: 'Read it again, apply your change to what is there now, and send it with the new version.',
  },
  second_factor_needed: {
    meaning: 'An organization of the user demands a second factor, and this is the last one.',
    remedy: 'Add another one first.',
  },
  key_limit_reached: {
    meaning: 'The user has as many keys and tokens as a user may have.',
    remedy: 'Delete one that is no longer used; `lastUsedAt` shows which.',
  },
  already_imported: {
    meaning:
      'A key or a token with this hash was imported before, for this user or for another. A secret stands for one user only.',
    remedy:
      'If you repeat an import whose answer was lost, it is done. Otherwise make a new credential: the hash stays taken after the credential is deleted.',
  },
  guest_limit_reached: {
    meaning: 'The user is a guest in 15 organizations already, which is the most that there can be.',
    remedy:
      'Have an organization that it no longer works for delete it there, or create a user of your own for it.',
  },
  last_administrator: {
    meaning:
      'The change would leave the organization without an active administrator who can still get in: by a password, a credential that does not expire, or a mail address that reset reaches.',
    remedy: 'Make somebody else an administrator first.',
  },
  self_lockout: {
    meaning: 'The change would shut out the very caller who makes it.',
    remedy: 'Include your own address in the whitelist, or have another administrator make the change.',
  },
  precondition_failed: {
    meaning: '`If-Match` names a version that is no longer the current one.',
    remedy: 'Read it again and send the change with the new ETag.',
  },
  body_too_large: {
    meaning: 'The body is larger than any request of this API. It was refused before it was read.',
    remedy: 'Send less: 256 KiB is the most.',
  },
  unsupported_media_type: {
    meaning:
      'The `Content-Type` is missing, is not the one that this endpoint takes, or names another charset than UTF-8.',
    remedy: 'Send `Content-Type: application/json`.',
  },
  idempotency_mismatch: {
    meaning: 'This `Idempotency-Key` was used before, with another request.',
    remedy: 'Take a new key for each new request; keep the key only to repeat exactly the same one.',
  },
  too_many_requests: {
    meaning:
      'A limit was reached: of attempts for one name or from one address, of mails, or of requests of the organization.',
    remedy: 'Wait for the seconds that `Retry-After` names, then go on more slowly.',
  },
  internal_error: {
    meaning: 'Something went wrong in Postern. What it was is in the log, never in the answer.',
    remedy: 'Try once more. If it stays, give the `requestId` to whoever operates this deployment.',
  },
  temporarily_unavailable: {
    meaning: 'Something that Postern depends on did not answer. Nothing was changed by half.',
    remedy: 'Send the request again after the seconds that `Retry-After` names.',
  },
}
