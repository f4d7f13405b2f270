import { EmailIdentity, Identity } from 'aws-cdk-lib/aws-ses'
import { CfnOutput } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { mailAddressOf } from './settings.ts'

/** Asks SES to verify the sender. The owner still has to click the link (address) or publish the records (domain). */
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
