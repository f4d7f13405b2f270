import { describe, expect, it } from 'vitest'
import { readOptions } from '../../../infra/local/options.ts'

const refusal = (
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): string => {
  try {
    return JSON.stringify(readOptions(parameters, environment))
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}

describe('the options of npm start', () => {
  it('are those of somebody who gives none', () => {
    expect(readOptions([], {})).toEqual({
      port: 3000,
      dataPath: '.postern',
      fresh: false,
      quiet: false,
      instances: 10,
      backend: undefined,
    })
  })

  it('come from the command line before the environment', () => {
    const parameters = ['--port', '4000', '--backend', 'http://localhost:5000/api', '--fresh', '--quiet']
    const environment = { PORT: '3500', POSTERN_DATA: '/data', POSTERN_INSTANCES: '24' }
    expect(readOptions(parameters, environment)).toEqual({
      port: 4000,
      dataPath: '/data',
      fresh: true,
      quiet: true,
      instances: 24,
      backend: new URL('http://localhost:5000/api'),
    })
    expect(readOptions([], { PORT: '65535' })).toMatchObject({ port: 65_535 })
  })

  it.each(['abc', '0', '65536', '3000x', '-1', '1.5'])('refuse the port %s', (text) => {
    expect(refusal([], { PORT: text })).toMatch(/^StartError: PORT must be a number from 1 to 65535/)
    expect(refusal([`--port=${text}`])).toMatch(/^StartError: --port must be a number from 1 to 65535/)
  })

  it.each(['many', '0', '101', '-1', '2.5'])('refuse %s instances', (text) => {
    expect(refusal([], { POSTERN_INSTANCES: text })).toBe(
      `StartError: POSTERN_INSTANCES must be a number from 1 to 100, not "${text}".`,
    )
  })

  it.each([
    [['--frsh'], /^StartError: .*--frsh.*--fresh/],
    [['fresh'], /^StartError: .*'fresh'.*--fresh/],
    [['--port'], /^StartError: .*--port/],
    [['--backend', 'localhost:4000'], /--backend must be a URL such as http:\/\/localhost:4000/],
    [['--backend=http://localhost:4000/?a=1'], /--backend must be a URL/],
    [['--backend=http://localhost:4000/#a'], /--backend must be a URL/],
    [['--backend=http://user@localhost:4000'], /--backend must be a URL/],
  ])('refuse %j, and say what would be right', (parameters, message) => {
    expect(refusal(parameters)).toMatch(message)
  })
})
