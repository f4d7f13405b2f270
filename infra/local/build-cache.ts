import { createHash, randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'

/** V8's compile cache. */
export const compiledFolder = (cacheFolder: string): string => join(cacheFolder, 'compiled')

export const projectRoot = join(import.meta.dirname, '../..')

const keptMilliseconds = 7 * 24 * 60 * 60 * 1000

/**
 * The folder for build results between starts: in node_modules, as other tools do, so that all data folders share it and
 * `npm ci` clears it. `undefined` = not writable.
 */
export function sharedCacheFolder(): string | undefined {
  const folder = join(projectRoot, 'node_modules/.cache/postern')
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return folder
  } catch {
    return undefined
  }
}

/**
 * Returns a folder that `make` filled for exactly these sources, now or at an earlier start. Several processes may build at
 * once: the folder appears atomically, and the first one is used.
 *
 * @param sources files and folders (with all their content), relative to the project.
 * @param options everything else that the result depends on.
 */
export async function builtOnce(
  cacheFolder: string,
  name: string,
  { sources, options }: { readonly sources: readonly string[]; readonly options: unknown },
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const built = join(cacheFolder, `${name}-${digestOf(sources, options)}`)
  if (existsSync(built)) {
    const now = new Date()
    utimesSync(built, now, now)
    return built
  }
  const draft = join(cacheFolder, `draft-${randomUUID()}`)
  mkdirSync(draft, { recursive: true })
  try {
    await make(draft)
    renameSync(draft, built)
  } catch (error) {
    if (!existsSync(built)) throw error
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  forgetUnused(cacheFolder)
  return built
}

function digestOf(sources: readonly string[], options: unknown): string {
  // Paths of the project are in what is built: a folder that was moved or copied builds anew.
  const hash = createHash('sha256').update(JSON.stringify([process.version, projectRoot, options]))
  const add = (path: string) => {
    const file = join(projectRoot, path)
    if (!existsSync(file)) return
    if (statSync(file).isDirectory()) {
      for (const name of readdirSync(file).toSorted()) add(`${path}/${name}`)
      return
    }
    const content = readFileSync(file)
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  for (const source of sources) add(source)
  return hash.digest('hex').slice(0, 32)
}

/** Deletes builds that no start used for a week: a running Postern still loads functions from its build. */
function forgetUnused(cacheFolder: string): void {
  for (const name of readdirSync(cacheFolder)) {
    const path = join(cacheFolder, name)
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
    if (usedAt < Date.now() - keptMilliseconds) rmSync(path, { recursive: true, force: true })
  }
}
