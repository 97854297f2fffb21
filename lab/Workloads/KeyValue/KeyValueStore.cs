namespace RedLeafSharp.Lab.Workloads.KeyValue;

/// <summary>The store: registers that hold a number, 0 at first. Overridden to see that mistakes in one are found.</summary>
internal class KeyValueStore
{
    private readonly Dictionary<byte, long> values = [];

    internal virtual KeyValueAnswer Apply(KeyValueRequest request)
    {
        long present = values.GetValueOrDefault(request.Key);
        switch (request.Call)
        {
            case KeyValueCall.Read:
                return new KeyValueAnswer(true, request.Number, present);
            case KeyValueCall.Write:
                values[request.Key] = request.Value;
                return new KeyValueAnswer(true, request.Number, 0);
            default:
                bool isExpected = present == request.Expected;
                values[request.Key] = isExpected ? request.Value : present;
                return new KeyValueAnswer(isExpected, request.Number, 0);
        }
    }
}
