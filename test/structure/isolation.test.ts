import { expect, it } from 'vitest'
import {
  filesInBrowser,
  filesWithFreshHandlers,
  filesWithHandlers,
  filesWithOwnModules,
} from './isolation.ts'
import { sourceFile } from './source-file.ts'

it('keeps apart the test files that replace something or load a handler, themselves or through what they import', () => {
  const files = {
    'functions/users.ts': `import { wait } from './wiring/wait.ts'`,
    'functions/wiring/wait.ts': '',
    'test/scene.ts': `export const open = () => ${'import'}('../functions/users.ts')`,
    'test/stub.ts': `${'vi'}.stubEnv('TABLE_NAME', 't')`,
    'test/fresh.ts': `${'loadHandlersIn'}({ TABLE_NAME: 't' })\n${'import'}('../functions/users.ts')`,
    'test/fresh-itself.test.ts': `${'loadHandlersIn'}({})\n${'import'}('../functions/users.ts')`,
    'test/fresh.test.ts': `import './fresh.ts'`,
    'test/fresh-and-stub.test.ts': `import './fresh.ts'\n${'vi'}.stubEnv('TABLE_NAME', 't')`,
    'test/fresh-and-handler.test.ts': `import './fresh.ts'\nimport { open } from './scene.ts'`,
    'test/handler.test.ts': `import { handler } from '../functions/users.ts'`,
    'test/scene.test.ts': `import { open } from './scene.ts'`,
    'test/named.test.ts': `  /* by name */ await ${'import'}(\`../functions/\${name}.ts\`)\n/** A comment. */`,
    'test/stub.test.ts': `import './stub.ts'`,
    'test/mock.test.ts': `${'vi'}.mock(${'import'}('../lib/a.ts'))`,
    'test/type.test.ts': `import type { open } from './scene.ts'`,
    'test/wiring.test.ts': `import { wait } from '../functions/wiring/wait.ts'`,
    'test/spy.test.ts': `${'vi'}.spyOn(console, 'log')`,
    'test/plain.test.ts': `const fn = vi.fn()`,
    'test/console/browser.ts': '',
    'test/console/users.test.ts': `import { it } from './browser.ts'`,
  }
  const all = Object.entries(files).map(([path, code]) => sourceFile(path, code))
  const named = (names: readonly string[]) => names.map((name) => `test/${name}.test.ts`)
  const fresh = ['fresh', 'fresh-and-stub', 'fresh-and-handler']
  expect(filesWithHandlers(all)).toEqual(named(['fresh-itself', ...fresh, 'handler', 'scene', 'named']))
  expect(filesWithOwnModules(all)).toEqual(
    named(['fresh-itself', ...fresh, 'handler', 'scene', 'named', 'stub', 'mock']),
  )
  expect(filesWithFreshHandlers(all)).toEqual(named(['fresh']))
  expect(filesInBrowser(all)).toEqual(['test/console/users.test.ts'])
})
