"""Verifies stored card images on a Spark cluster, by `cccd batch` as a pipe over partitions.

    spark-submit verify_cards.py --trust /srv/csca --output /srv/verified /srv/cards/*.jsonl
    spark-submit verify_cards.py --help

Spark spreads the work, does again what a lost worker had, and puts parts back in order; every verdict is cccd's.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
from datetime import datetime, timezone
from threading import Thread

from pyspark import RDD, SparkContext, StorageLevel

# Both as in cccd: no card image is larger, and beyond so many signers they are counted together.
MAXIMUM_RECORD = 1 << 20
MAXIMUM_SIGNERS = 1000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Verify stored card images on a Spark cluster.")
    parser.add_argument("inputs", nargs="+", metavar="INPUT",
                        help="JSON lines (any file system that Spark reads), or card archives named *.archive "
                             "(a file system that every worker has at the same place)")
    parser.add_argument("--output", required=True, help="a folder that is not there yet, for results/ and summary.json")
    parser.add_argument("--trust", action="append", default=[], help="CSCA certificates, at this place on every worker")
    parser.add_argument("--cccd", default="/usr/bin/cccd", help="the program, at this place on every worker")
    parser.add_argument("--at", default=datetime.now(timezone.utc).strftime("%Y-%m-%d"),
                        help="judge validity as of this day (YYYY-MM-DD); today by default")
    parser.add_argument("--only-failures", action="store_true", help="results of records whose data is not proven only")
    parser.add_argument("--threads", type=int, default=1, help="of each cccd; the cores of a task (spark.task.cpus)")
    parser.add_argument("--partition-bytes", type=int, default=64 << 20, help="about how much of the inputs is a part")
    return parser.parse_args()


def command(options: argparse.Namespace, form: str) -> list[str]:
    """`cccd batch` from standard input to standard output; the last line is the summary. The day is fixed, so that a
    part judged twice, because a worker was lost, is judged alike."""
    words = [options.cccd, "batch", "--input", form, "--summary", "-", "--at", options.at,
             "--threads", str(options.threads)]
    for path in options.trust:
        words += ["--trust", path]
    if options.only_failures:
        words.append("--only-failures")
    return words + ["-"]


def whole(lines):
    """Pairs of (summary, results): one for a part. Without a summary at its end cccd did not come to an end."""
    results = list(lines)
    last = json.loads(results[-1]) if results else {}
    if "summary" not in last:
        raise RuntimeError("cccd batch ended without a summary; this worker's log says why")
    yield last["summary"], results[:-1]


def json_lines(spark: SparkContext, path: str, options: argparse.Namespace) -> RDD:
    """A part for each split of a file of JSON lines, through RDD.pipe."""
    # Lines end with \n alone: \r may stand between the tokens of JSON.
    configuration = {
        "textinputformat.record.delimiter": "\n",
        "mapreduce.input.fileinputformat.split.maxsize": str(options.partition_bytes),
    }
    lines = spark.newAPIHadoopFile(
        path, "org.apache.hadoop.mapreduce.lib.input.TextInputFormat", "org.apache.hadoop.io.LongWritable",
        "org.apache.hadoop.io.Text", conf=configuration).values()
    # Statuses 0 and 1 are both answers, so it is the summary that tells whether all went well.
    return lines.pipe(shlex.join(command(options, "json"))).mapPartitions(whole)


def pieces(path: str, size: int):
    """Cuts a card archive between records: triples of (path, offset, length). A length that no record has ends what can
    be read, for cccd as for this."""
    with open(path, "rb", buffering=0) as archive:
        end = os.fstat(archive.fileno()).st_size
        start = position = 0
        while position < end:
            head = os.pread(archive.fileno(), 4, position)
            length = int.from_bytes(head, "big")
            if len(head) < 4 or length > MAXIMUM_RECORD or position + 4 + length > end:
                break
            position += 4 + length
            if position - start >= size:
                yield path, start, position - start
                start = position
        if start < end:
            yield path, start, end - start


def judged_piece(piece, words: list[str]):
    """What `cccd batch` says of a piece of an archive."""
    path, offset, length = piece
    with open(path, "rb") as archive, subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cccd:
        def feed():
            archive.seek(offset)
            left = length
            try:
                while left > 0 and (chunk := archive.read(min(left, 1 << 20))):
                    cccd.stdin.write(chunk)
                    left -= len(chunk)
                cccd.stdin.close()
            except BrokenPipeError:
                pass  # cccd reads no further behind a damaged length; the summary tells the rest.

        feeder = Thread(target=feed)
        feeder.start()
        yield from whole(line.decode().rstrip("\n") for line in cccd.stdout)
        feeder.join()


def archive_pieces(spark: SparkContext, paths: list[str], options: argparse.Namespace) -> RDD:
    """A part for each piece of card archives, which are cut on the workers."""
    size = options.partition_bytes
    cut = spark.parallelize(paths, len(paths)).flatMap(lambda path: list(pieces(path, size))).collect()
    words = command(options, "archive")
    return spark.parallelize(cut, max(1, len(cut))).flatMap(lambda piece: judged_piece(piece, words))


def merge(sum_: dict, part: dict) -> dict:
    """Adds the summary of a part to that of the parts before it."""
    for key in ("records", "unreadable"):
        sum_[key] = sum_.get(key, 0) + part[key]
    for key in ("outcomes", "failedChecks", "validity"):
        counts = sum_.setdefault(key, {})
        for name, count in part[key].items():
            counts[name] = counts.get(name, 0) + count
    signers = sum_.setdefault("signers", {})
    for serial, signer in sorted(part["signers"].items()):
        room = serial in signers or len(signers) < MAXIMUM_SIGNERS
        known = signers.setdefault(
            serial if room else "others",
            {"subject": signer["subject"] if room else "", "records": 0, "proven": 0})
        known["records"] += signer["records"]
        known["proven"] += signer["proven"]
    return sum_


def renumbered(result: str, offset: int) -> str:
    """A result counts records from the beginning of its part; this, from the beginning of the inputs."""
    head, rest = result.split(",", 1)
    number = int(head.removeprefix('{"record":')) + offset
    return f'{{"record":{number},{rest}'


def main() -> int:
    options = arguments()
    spark = SparkContext(appName="cccd batch")
    # Parts stay in the order of the inputs: neighbours of one form together, one RDD after the other.
    parts = []
    archives: list[str] = []
    for path in options.inputs + [None]:
        if path is not None and path.endswith(".archive"):
            archives.append(path)
            continue
        if archives:
            parts.append(archive_pieces(spark, archives, options))
            archives = []
        if path is not None:
            parts.append(json_lines(spark, path, options))
    # Kept on the workers' disks: first the summaries are asked for, then the results. What is lost with a worker is done
    # again from the inputs.
    judged = spark.union(parts).persist(StorageLevel.DISK_ONLY)
    summaries = judged.mapPartitionsWithIndex(
        lambda index, found: [(index, [summary for summary, _ in found])]).collect()
    total: dict = merge({}, {"records": 0, "unreadable": 0, "outcomes": {}, "failedChecks": {}, "validity": {},
                             "signers": {}})
    offsets = {}
    for index, of_part in sorted(summaries):
        offsets[index] = total["records"]
        for summary in of_part:
            merge(total, summary)

    def numbered(index, found):
        offset = offsets[index]
        for summary, results in found:
            for result in results:
                yield renumbered(result, offset)
            offset += summary["records"]

    judged.mapPartitionsWithIndex(numbered).saveAsTextFile(f"{options.output}/results")
    text = json.dumps(total, sort_keys=True, ensure_ascii=False)
    spark.parallelize([text], 1).saveAsTextFile(f"{options.output}/summary")
    print(text)
    spark.stop()
    proven = sum(total["outcomes"].get(outcome, 0) for outcome in ("genuine", "authenticData"))
    return 0 if proven == total["records"] else 1


if __name__ == "__main__":
    sys.exit(main())
