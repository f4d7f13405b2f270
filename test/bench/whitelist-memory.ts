import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAzureList } from '../../lib/providers/lists/azure-list.ts'
import { buildRangeItems } from '../../lib/providers/ranges/build-range-items.ts'
import { documentsFolder, readDocuments } from '../providers/provider-documents.ts'

/** Run on its own: prints by how many MB reading, merging and encoding the Azure document raised the process's peak. */
const { azureFileName } = readDocuments(documentsFolder)
globalThis.gc?.()
const before = process.memoryUsage().rss
const text = readFileSync(join(documentsFolder, 'azure', azureFileName), 'utf8')
const outcome = parseAzureList(text, azureFileName)
if (!outcome.ok) throw new Error(outcome.detail)
buildRangeItems(outcome.list)
const peak = process.resourceUsage().maxRSS * 1024
console.log(((peak - before) / 2 ** 20).toFixed(1))
