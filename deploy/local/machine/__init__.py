"""What the kernel says about this machine: disks, memory, ports and processes."""
