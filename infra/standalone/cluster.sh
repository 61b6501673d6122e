#!/usr/bin/env bash
# A Spark standalone cluster on this machine, from the pyspark package alone: a master and N workers on loopback.
#   infra/standalone/cluster.sh start [WORKERS] [CORES_EACH]     prints the master's address
#   infra/standalone/cluster.sh stop
# Environment: VENV (.venv), STATE (.cluster), MASTER_PORT (7077), WORKER_MEMORY (2g)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
venv=${VENV:-$root/.venv}
state=${STATE:-$root/.cluster}
port=${MASTER_PORT:-7077}
export SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON="$venv/bin/python"
spark_home=$("$venv/bin/python" -c 'import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)')

launch() { # NAME CLASS ARGS…
  local name=$1
  shift
  mkdir -p "$state"
  (cd "$state" && exec setsid "$spark_home/bin/spark-class" "$@") >"$state/$name.log" 2>&1 </dev/null &
  echo $! >"$state/$name.pid"
}

start() {
  local workers=${1:-2} cores=${2:-1}
  launch master org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port 0
  for _ in $(seq 60); do
    grep -q "started at spark://" "$state/master.log" 2>/dev/null && break
    grep -q "Starting Spark master at" "$state/master.log" 2>/dev/null && break
    sleep 0.5
  done
  for i in $(seq "$workers"); do
    launch "worker-$i" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 \
      --cores "$cores" --memory "${WORKER_MEMORY:-2g}" --work-dir "$state/work-$i" "spark://127.0.0.1:$port"
  done
  for i in $(seq "$workers"); do
    for _ in $(seq 60); do
      grep -q "Successfully registered" "$state/worker-$i.log" 2>/dev/null && break
      sleep 0.5
    done
    grep -q "Successfully registered" "$state/worker-$i.log" || {
      echo "worker $i did not register; see $state/worker-$i.log" >&2
      exit 1
    }
  done
  echo "spark://127.0.0.1:$port"
}

stop() {
  for pid in "$state"/*.pid; do
    [ -f "$pid" ] && kill -- "-$(cat "$pid")" 2>/dev/null || true
    rm -f "$pid"
  done
}

case ${1:-} in
  start) shift && start "$@" ;;
  stop) stop ;;
  *) echo "usage: $0 start [WORKERS] [CORES_EACH] | stop" >&2 && exit 2 ;;
esac
