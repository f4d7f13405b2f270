import type { ConsoleFiles, FileReply } from '../console/console-file.ts'
import { sentFile } from '../console/console-file.ts'
import { originInPage, referencePolicy } from './page/frame.ts'

const headers = { 'content-security-policy': referencePolicy }

/** The reference with the address of this deployment. `publicDocument` compresses and caches it. */
export const referenceReply = ({ read }: ConsoleFiles, origin: string) => ({
  html: Buffer.from(read('reference.html'), 'base64').toString('utf8').replaceAll(originInPage, origin),
  headers,
})

/** @throws DomainError not_found */
export const guideReply = (
  files: ConsoleFiles,
  guide: string,
  acceptEncoding: string | undefined,
): FileReply =>
  sentFile(files, `guides/${guide}.html`, acceptEncoding, {
    ...headers,
    'cache-control': 'public, max-age=300',
  })
