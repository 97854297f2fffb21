namespace RedLeafSharp.Cli.Doctor;

/// <summary>One way in which something outside keeps the code of an unloaded domain in memory.</summary>
/// <param name="Root">Where the way starts: a static field, a handle, a thread's frame.</param>
/// <param name="Steps">The objects on the way; the last belongs to the domain. Empty when the root is domain code itself.</param>
internal sealed record Pin(string Root, IReadOnlyList<string> Steps);
