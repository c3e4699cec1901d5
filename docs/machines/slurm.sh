#!/bin/sh
#SBATCH --job-name=tchbench
#SBATCH --array=1-8
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%A-%a.log
#SBATCH --cpus-per-task=2
# A suite on eight machines that share this folder: each task trains a shard.
# exec: Slurm's SIGTERM reaches tchbench, and its exit code is the task's.
exec tchbench run smoke --shard auto/8 --name night --device cpu --jobs "${SLURM_CPUS_PER_TASK:-1}"
