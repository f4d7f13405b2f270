/** RFC 8693 section 3. Session tokens are of both types; opaque tokens are access tokens. */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const jwtTokenType = 'urn:ietf:params:oauth:token-type:jwt'

export type TokenType = typeof accessTokenType | typeof jwtTokenType

export const asTokenType = (text: string | undefined): TokenType | undefined =>
  text === accessTokenType || text === jwtTokenType ? text : undefined
