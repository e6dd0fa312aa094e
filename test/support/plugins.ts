import SchemaBuilder from '@pothos/core';

// Projects that a worker runs one after the other have Pothos in common, and each loads the product's own plugin.
SchemaBuilder.allowPluginReRegistration = true;
