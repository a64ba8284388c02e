// For the Azure Developer CLI: a resource group, and in it what template.json makes. `npm run deploy:azure` does the
// same without Bicep.
targetScope = 'subscription'

@description('The name of the azd environment; the resource group is named after it.')
param environmentName string

@description('The region of all resources.')
param location string

@description('Where alerts are mailed to; empty for nowhere.')
param alertEmail string = ''

var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module millrace 'template.json' = {
  name: 'millrace'
  scope: group
  params: {
    location: location
    tags: tags
    alertEmail: alertEmail
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP string = millrace.outputs.functionApp
output MILLRACE_URL string = millrace.outputs.url
