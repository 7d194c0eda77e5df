package faultysup

import "github.com/gosv/gosv/sys"

// InJobs wraps a faulty kernel so that jobs use it too.
func InJobs(k sys.Kernel) sys.Kernel { return inJobs{k} }

type inJobs struct{ sys.Kernel }

func (k inJobs) Submit(job sys.Job) {
	k.Kernel.Submit(func(sys.JobKernel) any { return job(k.Kernel) })
}
