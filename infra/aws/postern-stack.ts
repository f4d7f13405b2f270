import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { Annotations, CfnOutput, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import type { Endpoint, HttpFunctionName } from '../../lib/contract/endpoint.ts'
import { httpFunctionNames, methodsOf } from '../../lib/contract/endpoint.ts'
import { createAlarms } from './alarms.ts'
import { attachAuthorizer, offerAuthorizer } from './authorizer.ts'
import { createDeadLetterQueue } from './dead-letter-queue.ts'
import { demoFunctionSpec, demoRoutes } from './demo-function.ts'
import { warnOnSchedule } from './expiry-warnings.ts'
import { firstAdministratorCommand } from './first-administrator.ts'
import { type FunctionName, functionSpecs } from './functions.ts'
import { addRoutes, createHttpApi, createStage, fallbackRoute, routeKeyOf } from './http-api.ts'
import { answerForMailWildcards, createMailIdentity } from './mail-identity.ts'
import { feedMailer, mailStreamPermissions } from './mail-stream.ts'
import { permissionsOf } from './permissions.ts'
import { createFunction } from './postern-function.ts'
import { refreshOnRequest, refreshOnSchedule } from './provider-refresh.ts'
import type { Settings } from './settings.ts'
import { createTable } from './table.ts'
import { streamPermission } from './table-stream.ts'

/** RFC 2606: this domain can neither send nor receive mail. */
const noMailFrom = 'no-reply@postern.invalid'

type PosternProps = { readonly settings: Settings; readonly endpoints: readonly Endpoint[] }

/** All of Postern. The laptop runs from the same template. */
export class PosternStack extends Stack {
  constructor(scope: Construct, id: string, { settings, endpoints }: PosternProps) {
    super(scope, id, { description: 'Postern: API users, credentials, whitelists and one authorizer' })
    const mailFrom = settings.mailFrom ?? noMailFrom
    // Excludes resources of a failed first deployment: if retained, they would block the next attempt.
    const removalPolicy =
      settings.removalPolicy === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY

    const table = createTable(this, removalPolicy, settings.deletionProtection)
    const signingKey = new Key(this, 'SigningKey', {
      description: 'Signs the session tokens of Postern',
      keySpec: KeySpec.RSA_2048,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy,
    })
    const sealingKey = new Key(this, 'SealingKey', {
      description: 'Encrypts the secrets of second factors and the cursors of lists of Postern',
      enableKeyRotation: true,
      removalPolicy,
    })
    const httpApi = createHttpApi(this)
    createStage(this, httpApi, { ...settings, removalPolicy })
    const undeliveredMail = createDeadLetterQueue(this, 'UndeliveredMail')
    const undeliveredSchedules = createDeadLetterQueue(this, 'UndeliveredSchedules')

    const logging = { LOG_LEVEL: settings.logLevel }
    const logs = { ...settings, removalPolicy }
    // The class INFREQUENT_ACCESS has neither metric filters nor embedded metrics, which alarms need.
    const countedLogs = { ...logs, logClass: 'STANDARD' } as const
    const areCounted = (name: FunctionName): boolean =>
      functionSpecs[name].signing !== 'none' ||
      ['mailer', 'refresh-providers', 'warn-of-expiry'].includes(name)
    const issuer = settings.publicOrigin ?? httpApi.apiEndpoint
    const environmentOf = (name: FunctionName): Record<string, string> => {
      const { table: tableActions, signing, seals } = functionSpecs[name]
      return {
        ...logging,
        ISSUER: issuer,
        ...(tableActions.length > 0 && { TABLE_NAME: table.tableName }),
        ...(signing !== 'none' && { SIGNING_KEY_ID: signingKey.keyId, SIGHTINGS: settings.sightings }),
        ...(seals !== undefined && { SEALING_KEY_ID: sealingKey.keyId }),
        ...((signing !== 'none' || name === 'refresh-providers') && {
          PROVIDER_MAXIMUM_AGE_DAYS: String(settings.providerMaximumAgeDays),
        }),
        ...(signing !== 'none' &&
          name !== 'authorizer' && { SESSION_TOKENS_PER_MINUTE: String(settings.sessionTokensPerMinute) }),
        ...(name === 'refresh-providers' && { POSTERN_PROVIDER_SOURCES: settings.providerSources ?? '' }),
        ...(name === 'authorizer' && {
          AUTHORIZER_CACHE_SECONDS: String(settings.authorizerCacheSeconds),
          UNREGISTERED_GATEWAYS: settings.unregisteredGateways,
          ALLOW_SAMPLING_RATE: String(settings.allowSamplingRate),
        }),
        ...(name === 'mailer' && { MAIL_FROM: mailFrom }),
      }
    }
    const decidingLogs: Record<string, ILogGroup> = {}
    const make = (name: FunctionName): NodejsFunction => {
      const made = createFunction(this, name, functionSpecs[name], {
        environment: environmentOf(name),
        permissions: [
          ...permissionsOf(this, functionSpecs[name], {
            tableArn: table.tableArn,
            signingKey,
            sealingKey,
            mailFrom,
          }),
          ...(name === 'mailer' ? mailStreamPermissions(table, undeliveredMail) : []),
          ...(name === 'refresh-providers' ? [streamPermission(table)] : []),
        ],
        logs: areCounted(name) ? countedLogs : logs,
        reservedConcurrency: name === 'login' || name === 'console' ? settings.loginConcurrency : undefined,
      })
      if (functionSpecs[name].signing !== 'none') decidingLogs[name] = made.logGroup
      return made
    }

    const routeKeysOf = (name: HttpFunctionName) => [
      ...endpoints
        .filter((endpoint) => endpoint.function === name)
        .flatMap((endpoint) => methodsOf(endpoint).map((method) => routeKeyOf(method, endpoint.path))),
      ...(name === 'meta' ? [fallbackRoute] : []),
    ]
    for (const name of httpFunctionNames) {
      for (const route of addRoutes(httpApi, name, make(name), routeKeysOf(name))) {
        Validations.of(route).acknowledge({
          id: 'AwsSolutions-APIG4',
          reason:
            'The function authenticates: each endpoint of lib/contract names its permission, and the public ones are public.',
        })
      }
    }

    const authorizer = make('authorizer')
    offerAuthorizer(this, authorizer)
    const mailer = make('mailer')
    feedMailer(this, mailer, table, undeliveredMail)
    if (mailer.role !== undefined) answerForMailWildcards(mailer.role)
    const refreshProviders = make('refresh-providers')
    refreshOnSchedule(this, refreshProviders, undeliveredSchedules)
    refreshOnRequest(this, refreshProviders, table)
    const warnOfExpiry = make('warn-of-expiry')
    warnOnSchedule(this, warnOfExpiry, undeliveredSchedules)
    const bootstrap = make('bootstrap')

    if (settings.demo) {
      const demo = createFunction(this, 'demo-api', demoFunctionSpec, {
        environment: logging,
        permissions: [],
        logs,
      })
      const protection = attachAuthorizer(authorizer, settings.authorizerResultCacheSeconds)
      addRoutes(
        httpApi,
        'demo-api',
        demo,
        demoRoutes.map(({ method, path }) => routeKeyOf(method, path)),
        protection,
      )
    }

    if (settings.mailFrom === null) {
      Annotations.of(this).addWarningV2(
        'postern:no-sender',
        'No mail can leave: name a sender as "mailFrom" in the settings (docs/deploy.md)',
      )
    } else if (settings.createMailIdentity !== 'none') {
      createMailIdentity(this, settings.mailFrom, settings.createMailIdentity)
    }
    createAlarms(
      this,
      {
        httpApi,
        authorizer,
        decidingLogs,
        mailer,
        undeliveredMail,
        refreshProviders,
        warnOfExpiry,
        undeliveredSchedules,
      },
      settings.alarmTopicArn,
    )

    new CfnOutput(this, 'ApiEndpoint', { value: issuer })
    new CfnOutput(this, 'RefreshCommand', {
      description: "Refreshes the lists of cloud providers now, not at the schedule's next time",
      value: `aws lambda invoke --function-name ${refreshProviders.functionName} --cli-read-timeout 300 /dev/stdout`,
    })
    new CfnOutput(this, 'FirstAdministrator', {
      description:
        'Makes the first organization and its administrator; run it again to correct one that never got in',
      value: firstAdministratorCommand(bootstrap.functionName, settings),
    })
  }
}
