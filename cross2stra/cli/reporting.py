"""Verbs that gather scores and make tables, figures and the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cross2stra.cli.options import Config, Experiments

app = typer.Typer()

Results = Annotated[
    Path | None, typer.Option(help="Folder of the profile's results; without it, the folder that holds the output.")
]
OwnResults = Annotated[
    Path | None, typer.Option(help="Folder of the profile's results; without it, results/{profile}.")
]


@app.command("collect-scores")
def collect(
    scores: Annotated[list[Path], typer.Option(help="Score folder (or its scores.csv); repeat for each.")],
    output: Annotated[Path, typer.Option(help="CSV of all scores.")],
) -> None:
    """Join the scores of all transfers and seeds into one sorted CSV."""
    from cross2stra.reporting.scores import collect_scores

    collect_scores(scores, output)


@app.command()
def collect_stage_scores(
    output: Annotated[Path, typer.Option(help="CSV of scores by stage.")],
    scores: Annotated[list[Path] | None, typer.Option(help="Score folder of one stage; repeat for each.")] = None,
    stage: Annotated[list[str] | None, typer.Option(help="Stage of that folder, in the same order.")] = None,
) -> None:
    """Join the validation scores after each stage into one sorted CSV."""
    from cross2stra.reporting.scores import collect_stage_scores as collect_stages

    collect_stages(scores or [], stage or [], output)


@app.command()
def expected(
    config: Config,
    output: Annotated[
        Path, typer.Option(help="The record, such as config/expected/demo.csv; what was not scored stays.")
    ],
    results: OwnResults = None,
    repeat: Annotated[
        list[Path] | None,
        typer.Option(help="scores.csv of a further whole run with the same seeds, for the tolerance."),
    ] = None,
    experiments: Experiments = Path("config/experiments.yaml"),
) -> None:
    """Record the scores of a real run, with the tolerance of a rerun and the revision, part by part."""
    from cross2stra.configuration import read_experiments, read_profile
    from cross2stra.configuration.revision import revision
    from cross2stra.reporting.expected import write_expected

    profile = read_profile(config)
    found = results or Path("results", profile.profile)
    rows = write_expected(
        profile, read_experiments(experiments), found, revision(config.resolve().parent), output, repeat or ()
    )
    typer.echo(f"{output}: {rows} rows")


@app.command()
def compare(
    scores: Annotated[Path, typer.Option(help="scores.csv of your run, such as results/demo/scores.csv.")],
    expected: Annotated[Path, typer.Option(help="The record, such as config/expected/demo.csv.")],
) -> None:
    """Say whether a run reproduced the recorded scores, and what differs; the exit status is 1 where it did not."""
    from cross2stra.reporting.expected import compare_with_expected

    found = compare_with_expected(scores, expected)
    rows = found.rows
    outside = rows[rows["outside"]].sort_values(
        "difference", key=abs, ascending=False, kind="stable", na_position="first"
    )
    equal = int((rows["difference"] == 0).sum())
    word = "reproduced" if found.reproduced else "not reproduced"
    typer.echo(
        f"{word}: {len(rows) - len(outside)} of {len(rows)} scores are within their tolerance, {equal} are equal"
    )
    for row in outside.head(20).itertuples():
        place = f"{row.transfer}, {row.system}, seed {row.seed}, {row.split}, {row.unit}, {row.metric}"
        value = "none" if row.value != row.value else f"{row.value:.2f}"
        typer.echo(f"  {place}: {value}, expected {row.expected:.2f} ± {row.tolerance:.2f}")
    if len(outside) > 20:
        typer.echo(f"  and {len(outside) - 20} more")
    for label, places in (("not in this run", found.missing), ("not in the record", found.unknown)):
        for transfer, system, seed in places:
            typer.echo(f"  {label}: {transfer}, {system}, seed {seed}")
    if found.further:
        typer.echo(f"  {found.further} further scores of these systems are not in the record")
    if not found.reproduced:
        raise typer.Exit(1)


@app.command()
def record(
    config: Config,
    output: Annotated[
        Path, typer.Option(help="Folder of the records, such as config/recorded/study; others there stay.")
    ],
    results: OwnResults = None,
    experiments: Experiments = Path("config/experiments.yaml"),
) -> None:
    """Keep the captions of a real run with their account: one zip for each system, transfer and seed."""
    from cross2stra.configuration import read_experiments, read_profile
    from cross2stra.configuration.revision import revision
    from cross2stra.reporting.recorded import write_records

    profile = read_profile(config)
    found = results or Path("results", profile.profile)
    files = write_records(profile, read_experiments(experiments), found, revision(config.resolve().parent), output)
    typer.echo(f"{output}: {len(files)} records, {sum(file.stat().st_size for file in files):,} bytes")


@app.command()
def restore(
    record: Annotated[Path, typer.Option(help="A file that `record` wrote.")],
    digest: Annotated[
        str, typer.Option(help="Digest of the configuration that the captions must have been made with.")
    ],
    output: Annotated[Path, typer.Option(help="Folder of the captions, logs and scores of the record.")],
) -> None:
    """Unpack recorded captions and their account."""
    from cross2stra.reporting.recorded import restore as unpack

    found = unpack(record, digest, output)
    typer.echo(
        f"{found.system} on {found.transfer}, seed {found.seed}: recorded at revision {found.revision}", err=True
    )


@app.command()
def tables(
    config: Config,
    experiments: Experiments,
    scores: Annotated[Path, typer.Option(help="CSV of scores, such as config/expected/demo.csv.")],
    output: Annotated[Path, typer.Option(help="Folder of tableN.csv, .md, .tex and .html.")],
    results: Results = None,
) -> None:
    """Make every table; Tables 1 to 5 have the paper's own numbers beside ours."""
    from cross2stra.configuration import read_experiments, read_profile, with_external
    from cross2stra.reporting.tables import write_tables

    profile, rows = with_external(read_profile(config), read_experiments(experiments))
    write_tables(profile, rows, scores, output, results or output.parent)


@app.command()
def worlds(
    config: Annotated[
        list[Path], typer.Option(help="Profiles of worlds, the one as it is first; give it once a world.")
    ],
    results: Annotated[Path, typer.Option(help="Folder that holds each profile's results.")],
    output: Annotated[Path, typer.Option(help="Folder of table_worlds.csv, .md, .tex and .html.")],
    experiments: Experiments,
    transfer: Annotated[str, typer.Option(help="Transfer that all of them have.")] = "en-zh_aic",
) -> None:
    """Say whether each effect is gone in a world that lacks what it is said to come from."""
    from cross2stra.configuration import read_experiments, read_profile
    from cross2stra.reporting.tables import markdown
    from cross2stra.reporting.worlds import write_worlds

    profiles = [read_profile(path) for path in config]
    given = [(profile, results / profile.profile) for profile in profiles]
    typer.echo(markdown(write_worlds(given, read_experiments(experiments), transfer, output)))


@app.command()
def figures(
    config: Config,
    experiments: Experiments,
    output: Annotated[Path, typer.Option(help="Folder of figures as .pdf, .svg and .png.")],
    results: Results = None,
    stage_scores: Annotated[
        Path | None, typer.Option(help="CSV of scores after each stage: transfer,system,seed,stage,metric,value.")
    ] = None,
) -> None:
    """Draw every figure that the results allow."""
    from cross2stra.configuration import read_experiments, read_profile, with_external
    from cross2stra.reporting.figures import write_figures

    profile, rows = with_external(read_profile(config), read_experiments(experiments))
    write_figures(profile, rows, results or output.parent, output, stage_scores)


@app.command()
def site(
    config: Config,
    tables: Annotated[Path, typer.Option(help="Folder that `tables` wrote.")],
    figures: Annotated[Path, typer.Option(help="Folder that `figures` wrote.")],
    output: Annotated[Path, typer.Option(help="Folder of index.html.")],
    results: Results = None,
    experiments: Experiments = Path("config/experiments.yaml"),
    documentation: Annotated[
        list[Path] | None, typer.Option(help="Markdown file that becomes a page too; give it once a file.")
    ] = None,
) -> None:
    """Build the page: index.html, and beside it figures, every test picture, and documentation."""
    from cross2stra.configuration import read_experiments, read_profile, with_external
    from cross2stra.reporting.site import write_site

    profile, rows = with_external(read_profile(config), read_experiments(experiments))
    write_site(profile, config, rows, tables, figures, results or output.parent, output, documentation or [])
