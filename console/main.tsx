import { render } from 'preact'
import { App } from './app.tsx'
import { startSession } from './client/session.ts'
import { startRouter } from './router.ts'
import { startPalette } from './shell/palette.tsx'
import './styles/console.css'

const place = document.getElementById('console')
if (place !== null) {
  startRouter()
  startPalette()
  render(<App />, place)
  void startSession()
}
