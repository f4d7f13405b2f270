import { run } from './run.ts'
import { synthesise } from './synth.ts'

await run(process.argv.slice(2), process.env, synthesise)
