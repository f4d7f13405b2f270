import type { Settings } from './settings.ts'

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * The command that creates the first administrator. A person runs it, not the deployment: its answer contains the
 * administrator's token, and CloudFormation would keep the token permanently, visible to every reader of the stack.
 */
export const firstAdministratorCommand = (functionName: string, settings: Settings): string => {
  const { organizationName: organization, adminUsername: username, adminEmail, mailFrom } = settings
  const canBeMailed = adminEmail !== null && mailFrom !== null
  const event = {
    organization,
    username,
    email: adminEmail,
    credentials: canBeMailed ? 'mailed' : 'shown',
  }
  return [
    'aws lambda invoke',
    `--function-name ${functionName}`,
    '--cli-binary-format raw-in-base64-out',
    `--payload ${shellQuoted(JSON.stringify(event))}`,
    '/dev/stdout',
  ].join(' ')
}
