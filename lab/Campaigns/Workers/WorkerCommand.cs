namespace RedLeafSharp.Lab.Campaigns;

/// <summary>How a worker is started.</summary>
/// <param name="Program">The program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record WorkerCommand(string Program, params IReadOnlyList<string> Arguments);
