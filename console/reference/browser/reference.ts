import { openContents } from './contents.ts'
import { copyButtons } from './copy-buttons.ts'
import { currentPlace } from './current-place.ts'
import { keptLanguage } from './language.ts'
import { search } from './search.ts'
import { tryButtons } from './try-it.ts'

/** What the reference and its guides do besides being read. Everything else works without a script. */
keptLanguage()
openContents()
copyButtons()
currentPlace()
search()
tryButtons()
