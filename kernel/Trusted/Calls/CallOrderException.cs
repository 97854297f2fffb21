namespace RedLeafSharp;

/// <summary>
/// A domain called a method of a contract in a state in which the contract does not allow it: a fault of that domain. The
/// callee has not heard of the call, and what was to be moved into it is still the caller's.
/// </summary>
public sealed class CallOrderException : Exception
{
    internal CallOrderException(string method, string callee, string state)
        : base($"{method} may not be called while {callee} is {state}")
    {
    }
}
