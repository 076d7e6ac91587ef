"""Studio: form, queue, preview, results and gallery in one panel."""
