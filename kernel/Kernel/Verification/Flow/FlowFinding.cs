using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>One thing that is wrong with the code of a method.</summary>
/// <param name="Rule">The rule's id; docs/rules has a page for each.</param>
/// <param name="Method">The method as the runtime loaded it.</param>
/// <param name="ILOffset">Of the instruction; -1 when the method as a whole is wrong.</param>
/// <param name="Message">What is wrong, and where it helps, what to do instead.</param>
internal sealed record FlowFinding(string Rule, MethodBase Method, int ILOffset, string Message);
