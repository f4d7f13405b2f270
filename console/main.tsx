import { render } from 'preact'
import './styles/console.css'

const place = document.getElementById('console')
if (place !== null) render(<h1>Postern</h1>, place)
