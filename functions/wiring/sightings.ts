import { faultText } from '../../lib/effects/fault-text.ts'
import type { NoteSighting } from '../../lib/sightings/note-sightings.ts'
import { makeSightings } from '../../lib/sightings/note-sightings.ts'
import { saveSightings } from '../../lib/sightings/sightings-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { log } from './log.ts'
import { wait } from './wait.ts'

/** One per container. */
export const openSightings = (table: Table): NoteSighting =>
  makeSightings({
    save: (sightings) => saveSightings(table, sightings),
    now: Date.now,
    wait,
    onFault: (fault) =>
      log({
        event: 'sightings_not_noted',
        error: faultText(fault),
      }),
  })
