package logs

import "time"

// WaitForTick returns when no tick is due any more.
func WaitForTick(d *Destination) {
	for {
		d.mu.Lock()
		running := d.ticker.running
		d.mu.Unlock()
		if !running {
			return
		}
		time.Sleep(tickPeriod) // virtual
	}
}
