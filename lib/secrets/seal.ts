/** What a text is sealed for. `purpose` is in the policies of the functions' roles. It is in CloudTrail in clear. */
export type SealContext = { readonly purpose: 'totp' | 'cursor' } & Readonly<Record<string, string>>

/** Encrypts what must be read again, and opens it only for what it was sealed for. */
export type Seal = {
  /** @param text 4 KB at most. @throws DomainError temporarily_unavailable */
  readonly seal: (text: Uint8Array, context: SealContext) => Promise<Buffer>
  /** Null if it was sealed for something else, elsewhere, or was altered. @throws DomainError temporarily_unavailable */
  readonly open: (sealed: Uint8Array, context: SealContext) => Promise<Buffer | null>
}
