const ownClients = 'functions/wiring/aws'

/**
 * Packages in place of which a bundle gets a file of the project (docs/decisions/0018-own-clients-in-the-bundles.md): the clients of AWS
 * that somebody waits for, and zod. The clients have the part of the SDK's interface that Postern uses, and bundling fails for anything
 * else. The mailer's client of SES stays the SDK's.
 */
export const replacedPackages: Readonly<Record<string, string>> = {
  '@aws-sdk/client-dynamodb': `${ownClients}/dynamodb.ts`,
  '@aws-sdk/lib-dynamodb': `${ownClients}/dynamodb.ts`,
  '@aws-sdk/util-dynamodb': `${ownClients}/dynamodb.ts`,
  '@aws-sdk/client-kms': `${ownClients}/kms.ts`,
  zod: 'functions/wiring/deferred-zod.ts',
  // What that file builds its schemas with. Without these lines, they would be paths in it.
  'zod/mini': 'node_modules/zod/mini/index.js',
  'zod/v4/locales/en.js': 'node_modules/zod/v4/locales/en.js',
}
