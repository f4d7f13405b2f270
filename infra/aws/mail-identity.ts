import { EmailIdentity, Identity } from 'aws-cdk-lib/aws-ses'
import { CfnOutput, Validations } from 'aws-cdk-lib/core'
import type { Construct, IConstruct } from 'constructs'
import { mailAddressOf } from './settings.ts'

/** Asks SES to verify the sender. The owner must then click the link (address) or publish the records (domain). */
export const createMailIdentity = (
  scope: Construct,
  mailFrom: string,
  scopeOfProof: 'address' | 'domain',
): void => {
  const { address, domain } = mailAddressOf(mailFrom)
  const identity = scopeOfProof === 'address' ? Identity.email(address) : Identity.domain(domain)
  const mailIdentity = new EmailIdentity(scope, 'MailIdentity', { identity })
  if (scopeOfProof === 'address') return
  for (const [index, record] of mailIdentity.dkimRecords.entries()) {
    new CfnOutput(scope, `MailDkimRecord${index + 1}`, {
      description: 'Publish this CNAME in the DNS of the sender',
      value: `${record.name} CNAME ${record.value}`,
    })
  }
}

/** Acknowledges the mailer's two wildcards for cdk-nag's rule, with the reason and the bound of each. */
export const answerForMailWildcards = (mailerRole: IConstruct): void => {
  const ses = 'arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>'
  const reasons = {
    'identity/*':
      'In the sandbox SES asks for the permission on the recipients too, whom the stack does not know; ses:FromAddress bounds the sender.',
    'configuration-set/*':
      "SES asks for it on the default configuration set of the sender's identity, which others choose; ses:FromAddress bounds the sender.",
  }
  for (const [resource, reason] of Object.entries(reasons))
    Validations.of(mailerRole).acknowledge({ id: `AwsSolutions-IAM5[Resource::${ses}:${resource}]`, reason })
}
