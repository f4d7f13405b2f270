/** What is tried: the pure files on which security hangs, by what they are for. */
export const rooms = {
  decision: ['lib/decision/*.ts', 'lib/admission/usage.ts', 'lib/refusals/denied-caller.ts'],
  rights: [
    'lib/identity/{account-group-reach,manages,subject-of-snapshot}.ts',
    'lib/policy/{access-editor,added-grants,chosen-number,in-use,pending-deletion}.ts',
  ],
  addresses: ['lib/whitelist/{address,network}.ts'],
  whitelist: ['lib/whitelist/!(address|network).ts'],
  ranges: ['lib/whitelist/ranges/*.ts', 'lib/providers/ranges/*.ts'],
  lists: ['lib/providers/lists/*.ts', 'lib/providers/{list-age,named-narrowings}.ts'],
  secrets: ['lib/secrets/!(argon2|kms-seal|password-hasher).ts', 'lib/admission/presented.ts'],
  credentials: ['lib/credentials/{allowed-expiry,lifetime,rotation}.ts'],
  limits: ['lib/limits/!(*-store|*-write).ts', 'lib/refusals/flood-gate.ts'],
  factors: ['lib/factors/{factor-rule,passkey,totp,verify-code}.ts'],
  console: ['lib/console/{console-file,session-cookie,stored-console-session}.ts'],
  usage: ['lib/usage/count-usage.ts'],
  sessions: ['lib/sessions/{session-claims,session-text,session-verdict,verify-session}.ts'],
} as const
