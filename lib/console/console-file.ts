import type { SentFile } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import { acceptsCoding } from '../http/event.ts'

/** The built files of the console and the reference: their names, and their content. `console/build.ts` writes them. */
export type ConsoleFiles = {
  /** Relative to the folder of the build, with `/`: `assets/main-K3J9QX2A.js.br`. */
  readonly names: ReadonlySet<string>
  /** In base64. */
  readonly read: (name: string) => string
}

export type FileReply = { readonly headers: Readonly<Record<string, string>>; readonly file: SentFile }

/**
 * Scripts and styles come from files of this origin, and requests go to it. No text of a script becomes markup without a policy of
 * Trusted Types, and there is no such policy.
 */
const consolePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** The page of every path of the console. It names the current files, so browsers ask for it each time. */
export const consolePage = (files: ConsoleFiles, acceptEncoding: string | undefined): FileReply =>
  sentFile(files, 'index.html', acceptEncoding, {
    'content-security-policy': consolePolicy,
    'cache-control': 'no-cache',
  })

/** @throws DomainError not_found. Only a name in the list is read, so no name leads out of the folder. */
export const consoleAsset = (
  files: ConsoleFiles,
  file: string,
  acceptEncoding: string | undefined,
): FileReply =>
  sentFile(files, `assets/${file}`, acceptEncoding, {
    'cache-control': 'public, max-age=31536000, immutable',
  })

const mediaTypes: Readonly<Record<string, string>> = {
  html: 'text/html;charset=UTF-8',
  js: 'text/javascript;charset=UTF-8',
  css: 'text/css;charset=UTF-8',
  svg: 'image/svg+xml',
  json: 'application/json;charset=UTF-8',
}

/** The smaller one first. */
const codings = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const

/** @throws DomainError not_found for a name that the build did not write */
export const sentFile = (
  { names, read }: ConsoleFiles,
  name: string,
  acceptEncoding: string | undefined,
  headers: Readonly<Record<string, string>>,
): FileReply => {
  const mediaType = mediaTypes[name.slice(name.lastIndexOf('.') + 1)]
  if (mediaType === undefined || !names.has(name)) throw new DomainError('not_found')
  const coding = codings.find(
    (candidate) => names.has(name + candidate.ending) && acceptsCoding(acceptEncoding, candidate.name),
  )
  return {
    headers: {
      ...headers,
      vary: 'Accept-Encoding',
      ...(coding === undefined ? {} : { 'content-encoding': coding.name }),
    },
    file: { mediaType, base64: read(coding === undefined ? name : name + coding.ending) },
  }
}
