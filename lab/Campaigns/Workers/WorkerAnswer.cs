namespace RedLeafSharp.Lab.Campaigns;

/// <summary>How a worker went about a trial.</summary>
internal enum WorkerEnd
{
    /// <summary>It said how the trial ended.</summary>
    Answered,

    /// <summary>Its process ended.</summary>
    Died,

    /// <summary>It said nothing for so long that it was killed.</summary>
    Silent,

    /// <summary>It said what no worker says.</summary>
    Babbled,
}

/// <summary>What came of asking a worker.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Lines">What the worker said; the last line is the answer if there was one.</param>
/// <param name="ExitStatus">Of a process that died; 128 plus the number of a signal.</param>
/// <param name="LastWords">The end of its error output.</param>
internal sealed record WorkerAnswer(WorkerEnd End, IReadOnlyList<string> Lines, int ExitStatus, IReadOnlyList<string> LastWords);
