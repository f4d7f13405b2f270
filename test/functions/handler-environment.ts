/** What the stack gives the handlers, for AWS on this machine. @param of the table, and what a test wants otherwise or besides */
export const handlerEnvironment = <Of extends Readonly<Record<string, string>>>(
  of: Of & { readonly TABLE_NAME: string; readonly AWS_ENDPOINT_URL_DYNAMODB: string },
) => ({
  ISSUER: 'https://postern.example',
  SIGNING_KEY_ID: 'signing',
  SEALING_KEY_ID: 'factors',
  AUTHORIZER_CACHE_SECONDS: '0',
  UNREGISTERED_GATEWAYS: 'first-organization',
  PROVIDER_MAXIMUM_AGE_DAYS: '30',
  SESSION_TOKENS_PER_MINUTE: '30000',
  LOG_LEVEL: 'SILENT',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  ...of,
})
