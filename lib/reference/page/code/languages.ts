import { curlCode } from './curl.ts'
import { pythonCode } from './python.ts'
import { typescriptCode } from './typescript.ts'

/** In which the reference shows each call. A radio button at the top of the page chooses one. */
export const languages = [
  { name: 'curl', title: 'curl', write: curlCode },
  { name: 'typescript', title: 'TypeScript', write: typescriptCode },
  { name: 'python', title: 'Python', write: pythonCode },
] as const
